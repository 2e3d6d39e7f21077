// Whether nodes can send through their sources. Bound to a tenant, an operator sees the sources of the tenant's pools.
import { z } from 'zod';
import { sourceHealth, sourceHealthAnswer } from '../source-health.ts';

export const nodeSourceHealth = z.object({ node: z.string(), ...sourceHealthAnswer.shape });
export type SourceHealthView = z.infer<typeof sourceHealth>;
/** `silent`: nodes that did not answer. */
export const sourcesHealth = { output: z.object({ nodes: z.array(nodeSourceHealth), silent: z.array(z.string()) }) };
