'use client';
// Role and tenant of an account. A Client needs a tenant; others may have one.
import { roleName, roles, roleTable, type Role } from '@sluice/contract/api';
import { useState } from 'react';
import { EntityField } from '@/entities/entity-field.tsx';
import { useMe } from '@/session/me.tsx';
import { textOf } from '@/ui/action-dialog.tsx';
import { SelectField } from '@/ui/field.tsx';

const everyTenant = '';

type RoleFieldsProps = { role?: Role; tenantId?: string | null };

export function RoleFields({ role = 'analyst', tenantId = null }: RoleFieldsProps) {
  const { actor } = useMe();
  const [chosen, setChosen] = useState<Role>(role);
  const offered = roles.filter((one) => one !== 'owner' || actor.role === 'owner');
  return (
    <>
      <SelectField
        label="Role"
        name="role"
        value={chosen}
        onChange={(event) => setChosen(offered.find((one) => one === event.target.value) ?? chosen)}
        hint={`${roleTable[chosen].for} ${roleTable[chosen].adds}`}
      >
        {offered.map((one) => (
          <option key={one} value={one}>
            {roleName(one)}
          </option>
        ))}
      </SelectField>
      <EntityField
        kind="tenant"
        label="Tenant"
        name="tenantId"
        value={tenantId ?? everyTenant}
        open={chosen === 'client' ? 'Choose one' : 'Not bound: sees every tenant'}
        required={chosen === 'client'}
      />
    </>
  );
}

/** What the two fields say. */
export function roleOf(form: FormData): { role: Role; tenantId: string | null } {
  const [role, tenant] = [textOf(form, 'role'), textOf(form, 'tenantId')];
  return { role: roles.find((one) => one === role) ?? 'analyst', tenantId: tenant === everyTenant ? null : tenant };
}
