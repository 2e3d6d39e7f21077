// Which Postgres we run on, from the number that the server says of itself, and which are too old: the schema uses what came with 15.

const minMajor = 15;

export type ServerVersion = { major: number; text: string };

/** `server_version_num`: 150018 is 15.18, and before 10 there were three parts: 90624 is 9.6.24. Null for what is none. */
export function serverVersion(versionNum: string): ServerVersion | null {
  if (!/^\d{5,7}$/.test(versionNum)) return null;
  const number = Number(versionNum);
  const major = Math.floor(number / 10_000);
  if (major >= 10) return { major, text: `${major}.${number % 10_000}` };
  return { major, text: `${major}.${Math.floor(number / 100) % 100}.${number % 100}` };
}

/** Why this server cannot be used, in one sentence; null for one that can. */
export function serverProblem(versionNum: string): string | null {
  const version = serverVersion(versionNum);
  if (version === null) return `the server does not say which version of Postgres it is (server_version_num is "${versionNum}")`;
  return version.major < minMajor ? `Postgres ${version.text} is too old: Sluice needs Postgres ${minMajor} or newer` : null;
}
