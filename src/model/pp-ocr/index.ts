export { loadPpOcr, type PpOcr, type ReadLine } from "./pp-ocr.ts";
