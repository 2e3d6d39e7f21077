// Rows of the warm-up screens, as the contract defines them.
import type { z } from 'zod';
import type { warmUpLadderView, warmUpView } from '@sluice/contract/api';

export type WarmUpPlan = z.infer<typeof warmUpView>;
export type LadderRow = z.infer<typeof warmUpLadderView>;
