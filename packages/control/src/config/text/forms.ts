// How each kind of entity stands in a text: the schema of an entry, the entry of a body, and the body of an entry. Fields are those of the
// feed, but what they refer to is named, and a secret is a reference: it says which one it was and never what it is.
import type { EntityBody, EntityKind } from '@sluice/contract';
import type { Form } from './form.ts';
import { egressForms } from './forms-egress.ts';
import { tenantForms } from './forms-tenant.ts';

const forms = { ...egressForms, ...tenantForms };

/** The form of a kind, without its types: entry and body are what the kind's schemas say. */
export function formOf(kind: EntityKind): Form<EntityBody> {
  return forms[kind] as unknown as Form<EntityBody>;
}
