// Rows of the account screens, as the contract defines them.
import type { z } from 'zod';
import type { invitationView, sessionView, userView } from '@sluice/contract/api';

export type User = z.infer<typeof userView>;
export type SessionRow = z.infer<typeof sessionView>;
export type Invitation = z.infer<typeof invitationView>;
