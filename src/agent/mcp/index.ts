export { type McpHttpOptions, type McpHttpServer, startMcpHttp } from "./http.ts";
export { createMcpServer, type McpServerOptions } from "./server.ts";
