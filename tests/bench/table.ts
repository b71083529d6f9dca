// The benchmarks' rows as a table for people.

import { meetsTarget, type Row } from "./row.ts";

const header = ["", "Velum", "beside it", "ratio", "target"];

/** One line per row, its columns aligned; numbers have three significant digits. */
export function formatTable(rows: readonly Row[]): string {
  const cells = [header, ...rows.map(cellsOf)];
  const widths = header.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)));
  return cells
    .map((line) => line.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd())
    .join("\n");
}

function cellsOf(row: Row): string[] {
  return [
    row.what,
    `${digits(row.value)} ${row.unit}`,
    row.beside ? `${digits(row.beside.value)} ${row.unit} (${row.beside.what})` : "",
    row.ratio === undefined ? "" : row.ratio.toFixed(2),
    targetOf(row),
  ];
}

function targetOf(row: Row): string {
  const { target } = row;
  if (!target) return "";
  const limit = target.of === "ratio" ? `ratio ${target.atMost}` : `${target.atMost} ${row.unit}`;
  return `at most ${limit}${target.where ? ` ${target.where}` : ""}: ${meetsTarget(row) ? "met" : "missed"}`;
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
