// What a browser calls itself is a paragraph; its own name and the system are enough to know one's sessions apart.

const browsers = [
  ['Edg/', 'Edge'],
  ['OPR/', 'Opera'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
] as const;
const systems = [
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Android', 'Android'],
  ['Windows', 'Windows'],
  ['Mac OS X', 'macOS'],
  ['Linux', 'Linux'],
] as const;
const maxLength = 60;

/** `Firefox on Linux`; what is no browser keeps its own words. */
export function agentName(agent: string | null): string {
  if (agent === null) return 'Unknown';
  const browser = browsers.find(([sign]) => agent.includes(sign))?.[1];
  const system = systems.find(([sign]) => agent.includes(sign))?.[1];
  if (browser === undefined) return agent.length > maxLength ? `${agent.slice(0, maxLength - 1)}…` : agent;
  return system === undefined ? browser : `${browser} on ${system}`;
}
