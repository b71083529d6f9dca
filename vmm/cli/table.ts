/** Rows of equally many cells, aligned. */
export function formatTable(rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) => row.map(String));
  const widths = cells.reduce<number[]>(
    (most, row) => row.map((cell, column) => Math.max(cell.length, most[column] ?? 0)),
    [],
  );
  return cells
    .map((row) =>
      row.map((cell, column) => column < row.length - 1 ? cell.padEnd(widths[column]! + 2) : cell).join("")
    )
    .join("\n");
}
