// Which network addresses are inside: this machine, the local network, the cloud's metadata service. A dataset that
// somebody else wrote must not make Sightline read from them.
import { BlockList, isIP } from "node:net";

const ranges: [address: string, prefix: number, type: "ipv4" | "ipv6"][] = [
  ["0.0.0.0", 8, "ipv4"],
  ["10.0.0.0", 8, "ipv4"],
  ["100.64.0.0", 10, "ipv4"],
  ["127.0.0.0", 8, "ipv4"],
  ["169.254.0.0", 16, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.0.0.0", 24, "ipv4"],
  ["192.0.2.0", 24, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["198.18.0.0", 15, "ipv4"],
  ["198.51.100.0", 24, "ipv4"],
  ["203.0.113.0", 24, "ipv4"],
  ["224.0.0.0", 3, "ipv4"],
  ["::", 127, "ipv6"],
  ["64:ff9b::", 96, "ipv6"],
  ["64:ff9b:1::", 48, "ipv6"],
  ["100::", 64, "ipv6"],
  ["2001:db8::", 32, "ipv6"],
  ["2002::", 16, "ipv6"],
  ["fc00::", 7, "ipv6"],
  ["fe80::", 10, "ipv6"],
  ["fec0::", 10, "ipv6"],
  ["ff00::", 8, "ipv6"],
];

/** True for an IP address that is not on the public internet. */
export function isPrivateAddress(address: string): boolean {
  const list = new BlockList();
  for (const [base, prefix, type] of ranges) list.addSubnet(base, prefix, type);
  const plain = address.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  // An IPv4 address written as IPv6 (::ffff:127.0.0.1, ::ffff:7f00:1) is judged as the IPv4 address that it is:
  // BlockList does that for the whole ::ffff:0:0/96 block by itself.
  const version = isIP(plain);
  return version === 0 || list.check(plain, version === 4 ? "ipv4" : "ipv6");
}
