'use client';
// A field in which one of many tenants, streams, pools or sources is chosen: the first of them, and a search where there are more.
import { Search } from 'lucide-react';
import { useRef, useState, type KeyboardEvent } from 'react';
import { Button } from '@/ui/button.tsx';
import { inputLook, SelectField } from '@/ui/field.tsx';
import { useChoices, type Choices, type EntityKind } from './entities.ts';

/** Inside a form: the key that would send it searches. Its label stands in the box, since the field that it helps has the one above. */
export function FindMore({ label, find }: { label: string; find: (text: string) => void }) {
  const field = useRef<HTMLInputElement>(null);
  const search = (): void => find(field.current?.value.trim() ?? '');
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    search();
  };
  return (
    <div className="flex gap-2">
      <input ref={field} type="search" aria-label={label} placeholder={label} maxLength={200} onKeyDown={onKeyDown} className={inputLook} />
      <Button onClick={search} aria-label={`${label}: search`}>
        <Search aria-hidden />
      </Button>
    </div>
  );
}

export function Options({ options }: Pick<Choices, 'options'>) {
  return options.map(({ id, name }) => (
    <option key={id} value={id}>
      {name}
    </option>
  ));
}

type EntityFieldProps = {
  kind: EntityKind;
  label: string;
  name: string;
  value?: string | undefined;
  /** What stands for none of them; without it one has to be chosen. */
  open?: string;
  required?: boolean;
  hint?: string;
};

export function EntityField({ kind, label, name, value = '', open, required = open === undefined, hint }: EntityFieldProps) {
  const [chosen, setChosen] = useState(value);
  const { options, searchable, find } = useChoices(kind, chosen);
  return (
    <div className="space-y-1">
      <SelectField {...{ label, name, required, hint }} value={chosen} onChange={(event) => setChosen(event.target.value)}>
        {(open !== undefined || chosen === '') && <option value="">{open ?? `choose a ${kind}`}</option>}
        <Options options={options} />
      </SelectField>
      {searchable && <FindMore label={`Find a ${kind}`} find={find} />}
    </div>
  );
}
