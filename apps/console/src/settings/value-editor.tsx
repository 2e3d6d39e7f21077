'use client';
// The values of a rule: settings are added one by one, each with the field that fits it; what is not added the rule leaves alone.
import { defaultDeliverySettings, mayBeNone, readSetting, settingForm, writeSetting, type SettingKey } from '@sluice/contract';
import type { OpenSettingValues } from '@sluice/contract/api';
import { useState } from 'react';
import { Refused } from '@/ui/action-dialog.tsx';
import { Button } from '@/ui/button.tsx';
import { SelectField, TextField } from '@/ui/field.tsx';
import { secretKeys, settingGroups, settingLabel } from './setting-groups.ts';

const isSecret = (key: SettingKey): boolean => secretKeys.some((secret) => secret === key);
const fieldName = (key: SettingKey): string => `value:${key}`;

/** What the form says of values; throws with the setting's name when one cannot be read. */
export function valuesOf(form: FormData): OpenSettingValues {
  const values: Record<string, unknown> = {};
  for (const key of settingGroups.flatMap((group) => group.keys)) {
    const text = form.get(fieldName(key));
    if (typeof text !== 'string') continue;
    const read = readSetting(key, text);
    if (!read.ok) throw new Refused(read.problem);
    values[key] = read.value;
  }
  return values;
}

function ValueField({ settingKey, text }: { settingKey: SettingKey; text: string }) {
  const form = settingForm(settingKey);
  const label = settingLabel(settingKey);
  const name = fieldName(settingKey);
  const none = mayBeNone(settingKey) ? '“none” is as without this setting.' : undefined;
  if (form.kind === 'text' || (form.kind === 'number' && none !== undefined)) {
    const range = form.kind === 'number' ? `${form.min} to ${form.max}. ` : '';
    const example = form.kind === 'text' ? form.example : undefined;
    return <TextField label={label} name={name} defaultValue={text} placeholder={example} hint={`${range}${none ?? ''}` || undefined} />;
  }
  if (form.kind === 'number') {
    return <TextField label={label} name={name} type="number" required min={form.min} max={form.max} defaultValue={text} />;
  }
  const options = form.kind === 'yes_no' ? ['yes', 'no'] : form.options;
  return (
    <SelectField label={label} name={name} defaultValue={text}>
      {options.map((option) => (
        <option key={option} value={option}>
          {option.replaceAll('_', ' ')}
        </option>
      ))}
    </SelectField>
  );
}

export function ValueEditor({ values }: { values: OpenSettingValues }) {
  const given = values as { readonly [key in SettingKey]?: unknown };
  const [keys, setKeys] = useState<readonly SettingKey[]>(() =>
    settingGroups.flatMap((group) => group.keys.filter((key) => given[key] !== undefined)),
  );
  const textOf = (key: SettingKey): string => writeSetting(key, given[key] ?? defaultDeliverySettings[key]);
  return (
    <fieldset className="space-y-3">
      <legend className="mb-1 text-sm font-medium">Values</legend>
      {keys.map((key) => (
        <div key={key} className="flex items-end gap-2">
          <div className="min-w-0 grow">
            <ValueField settingKey={key} text={textOf(key)} />
          </div>
          <Button
            look="quiet"
            aria-label={`Leave ${settingLabel(key)} alone`}
            onClick={() => setKeys(keys.filter((other) => other !== key))}
          >
            Remove
          </Button>
        </div>
      ))}
      <SelectField
        label="Add a setting"
        value=""
        onChange={(event) => {
          const chosen = settingGroups.flatMap((group) => group.keys).find((key) => key === event.target.value);
          if (chosen) setKeys([...keys, chosen]);
        }}
      >
        <option value="">choose…</option>
        {settingGroups.map((group) => (
          <optgroup key={group.title} label={group.title}>
            {group.keys
              .filter((key) => !isSecret(key) && !keys.includes(key))
              .map((key) => (
                <option key={key} value={key}>
                  {settingLabel(key)}
                </option>
              ))}
          </optgroup>
        ))}
      </SelectField>
    </fieldset>
  );
}
