/** The fewest people of whom anything is told: what fewer did together stays untold. */
export const smallestGroup = 10
