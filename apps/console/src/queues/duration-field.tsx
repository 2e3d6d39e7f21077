'use client';
// For how long a command holds.
import { SelectField } from '@/ui/field.tsx';
import { durations } from './durations.ts';

/** A number of minutes under the name `minutes`. */
export function DurationField({ defaultValue = '60' }: { defaultValue?: string }) {
  return (
    <SelectField label="For" name="minutes" defaultValue={defaultValue}>
      {durations.map(([minutes, words]) => (
        <option key={minutes} value={minutes}>
          {words}
        </option>
      ))}
    </SelectField>
  );
}
