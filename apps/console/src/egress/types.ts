// Rows of the egress screens, as the contract defines them.
import type { z } from 'zod';
import type { limitView, poolView, providerSummary, providerView, routeView, sourceView } from '@sluice/contract/api';

export type Pool = z.infer<typeof poolView>;
export type Source = z.infer<typeof sourceView>;
export type Provider = z.infer<typeof providerView>;
export type ProviderSummary = z.infer<typeof providerSummary>;
export type Limit = z.infer<typeof limitView>;
export type Route = z.infer<typeof routeView>;
