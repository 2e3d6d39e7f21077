// Bounds of lists that are answered whole; those that can be long are read in parts, see list-part.ts.

/** Most rows of one list. */
export const maxListRows = 5_000;
