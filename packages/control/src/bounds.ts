// Bounds of lists that the contract answers whole.

/** Most rows of one list; an installation with more needs the paged lists of a later contract. */
export const maxListRows = 5_000;
