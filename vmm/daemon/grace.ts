/** Seconds that a guest which was asked to end has to do so: if nobody says otherwise, and at most. */
export const grace = { usual: 10, most: 3600 };
