// The ports as this machine supplies them. Only composition (apps/mta) and integration tests import from here.
export { systemClock } from './clock.ts';
export { systemRandom } from './random.ts';
export { createResolver, type ResolverOptions } from './resolver.ts';
export { createPolicyFetch } from './policy-fetch.ts';
export { createHookPost } from './hook-post.ts';
export { createDialer, type DialerOptions } from './dialer.ts';
export { createSourceProber } from './source-prober.ts';
export { parseIp, isLoopback, isUnicastHost, type IpLiteral } from './address.ts';
export { nodeFiles } from './files.ts';
export { watchHeapGrowth } from './heap-growth.ts';
export { takePlace } from './precedence.ts';
