// Seconds that the daemon waits for what may not come: if nobody says otherwise, and at most.

/** That a guest which was asked to end has to do so. */
export const grace = { usual: 10, most: 3600 };
/** That a process is kept ready for the next VM; 0: none is. */
export const standby = { usual: 60, most: 86_400 };
