// Rows of the egress screens, as the contract defines them.
import type { z } from 'zod';
import type { limitView, poolView, routeView, sourceView } from '@sluice/contract/api';

export type Pool = z.infer<typeof poolView>;
export type Source = z.infer<typeof sourceView>;
export type Limit = z.infer<typeof limitView>;
export type Route = z.infer<typeof routeView>;
