'use client';
// Role and tenant of an account. A Client needs a tenant; others may have one.
import { roleName, roles, roleTable, type Role } from '@sluice/contract/api';
import { useState } from 'react';
import { useMe } from '@/session/me.tsx';
import { textOf } from '@/ui/action-dialog.tsx';
import { SelectField } from '@/ui/field.tsx';
import type { Tenant } from './types.ts';

const everyTenant = '';

type RoleFieldsProps = { tenants: readonly Tenant[]; role?: Role; tenantId?: string | null };

export function RoleFields({ tenants, role = 'analyst', tenantId = null }: RoleFieldsProps) {
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
      <SelectField label="Tenant" name="tenantId" defaultValue={tenantId ?? everyTenant} required={chosen === 'client'}>
        <option value={everyTenant}>{chosen === 'client' ? 'Choose one' : 'Not bound: sees every tenant'}</option>
        {tenants.map((tenant) => (
          <option key={tenant.id} value={tenant.id}>
            {tenant.name}
          </option>
        ))}
      </SelectField>
    </>
  );
}

/** What the two fields say. */
export function roleOf(form: FormData): { role: Role; tenantId: string | null } {
  const [role, tenant] = [textOf(form, 'role'), textOf(form, 'tenantId')];
  return { role: roles.find((one) => one === role) ?? 'analyst', tenantId: tenant === everyTenant ? null : tenant };
}
