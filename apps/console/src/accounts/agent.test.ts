// Which browser a session is shown as.
import { expect, test } from 'vitest';
import { agentName } from './agent.ts';

const gecko = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const blink = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36';

test.each([
  [gecko, 'Firefox on Linux'],
  [blink, 'Chrome on Windows'],
  [`${blink} Edg/150.0.0.0`, 'Edge on Windows'],
  ['curl/8.5.0', 'curl/8.5.0'],
  [null, 'Unknown'],
  ['x'.repeat(300), `${'x'.repeat(59)}…`],
])('%s is %s', (agent, name) => {
  expect(agentName(agent)).toBe(name);
});
