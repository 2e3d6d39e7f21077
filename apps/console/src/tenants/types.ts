// Rows of the tenant screens, as the contract defines them.
import type { z } from 'zod';
import type { credentialView, dkimKeyView, domainView, relayView, selectorsCheck, streamView, tenantView } from '@sluice/contract/api';

export type Tenant = z.infer<typeof tenantView>;
export type Stream = z.infer<typeof streamView>;
export type Domain = z.infer<typeof domainView>;
export type DkimKey = z.infer<typeof dkimKeyView>;
export type CheckedRecord = z.infer<typeof selectorsCheck.output>['items'][number];
export type Credential = z.infer<typeof credentialView>;
export type Relay = z.infer<typeof relayView>;
