import type { Interval } from "./statistics.ts";

// How numbers are written in the table and the report. What is unknown is a dash, never 0.
const unknown = "–";

export function formatPercent(value: number | undefined): string {
  return value === undefined ? unknown : `${(value * 100).toFixed(1)}%`;
}

export function formatInterval(interval: Interval | undefined): string {
  return interval ? `${(interval[0] * 100).toFixed(1)} – ${(interval[1] * 100).toFixed(1)}` : unknown;
}

export function formatP(p: number | undefined): string {
  if (p === undefined) return "";
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}

export function formatCount(count: number | undefined): string {
  return count === undefined ? unknown : count.toLocaleString("en-US");
}

export function formatMs(ms: number | undefined): string {
  if (ms === undefined) return unknown;
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

export function formatCost(cost: number | undefined): string {
  if (cost === undefined) return unknown;
  return cost === 0 ? "0" : cost < 0.01 ? cost.toPrecision(2) : cost.toFixed(2);
}
