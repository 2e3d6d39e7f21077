// The version of this engine, and the comparison by which an entity may refuse to run on an older one (`minEngine`).
export const engineVersion = '0.1.0';

/** Three numbers of `major.minor.patch`; null when the text is no such version. */
function versionNumbers(text: string): [number, number, number] | null {
  const match = /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})$/.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3])] : null;
}

/** Whether an engine of `version` may run an entity that asks for at least `minEngine`. A version that cannot be read is refused. */
export function runsOn(minEngine: string | undefined, version: string = engineVersion): boolean {
  if (minEngine === undefined) return true;
  const wanted = versionNumbers(minEngine);
  const own = versionNumbers(version);
  if (!wanted || !own) return false;
  for (let part = 0; part < 3; part++) {
    const difference = (own[part] ?? 0) - (wanted[part] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
