// When an operator last looked at the overview, kept in this browser. What is stored there may be anything: it is read with care.

export type Look = { at: number; revision: number | null };
const key = (userId: string): string => `sluice-last-look:${userId}`;

function read(userId: string): Look | null {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key(userId)) ?? 'null');
    if (typeof value !== 'object' || value === null || !('at' in value) || typeof value.at !== 'number') return null;
    const revision = 'revision' in value && typeof value.revision === 'number' ? value.revision : null;
    return { at: value.at, revision };
  } catch {
    return null;
  }
}

function write(userId: string, look: Look): void {
  try {
    localStorage.setItem(key(userId), JSON.stringify(look));
  } catch {
    // Storage may be full or forbidden; then there is no line next time.
  }
}

export const lookedAt = { read, write };
