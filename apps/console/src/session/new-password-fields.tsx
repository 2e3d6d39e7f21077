'use client';
// A new password and the same again: at set-up, by invitation, and when one changes one's own.
import { TextField } from '@/ui/field.tsx';

export const minPassword = 12;

/** The second field is named `again`. */
export function NewPasswordFields({ label, name }: { label: string; name: string }) {
  return (
    <>
      <TextField
        label={label}
        hint={`At least ${minPassword} characters; a sentence is fine.`}
        name={name}
        type="password"
        autoComplete="new-password"
        required
        minLength={minPassword}
        maxLength={200}
      />
      <TextField label={`${label} again`} name="again" type="password" autoComplete="new-password" required />
    </>
  );
}
