'use client';
// Narrows the record. What is asked for is in the URL, so that a link shows a colleague the same entries.
import { Search } from 'lucide-react';
import { parseAsString, useQueryStates } from 'nuqs';
import type { FormEvent } from 'react';
import { Button } from '@/ui/button.tsx';
import { TextField } from '@/ui/field.tsx';

const text = parseAsString.withDefault('');
const names = ['text', 'actor', 'action', 'target', 'from', 'to'] as const;
type Name = (typeof names)[number];

const fields: Record<Name, { label: string; placeholder?: string; type?: string }> = {
  text: { label: 'Text' },
  actor: { label: 'Who', placeholder: 'someone@example.com' },
  action: { label: 'Did', placeholder: 'pools.' },
  target: { label: 'To', placeholder: 'pool:' },
  from: { label: 'From (UTC)', type: 'datetime-local' },
  to: { label: 'Until (UTC)', type: 'datetime-local' },
};

export const useAuditFilter = () => useQueryStates({ text, actor: text, action: text, target: text, from: text, to: text });

/** As the procedure takes it. A time that is none is left out. */
export function wantedOf(filter: Readonly<Record<Name, string>>): Partial<Record<Name, string>> {
  return Object.fromEntries(
    names.flatMap((name): [Name, string][] => {
      const value = filter[name].trim();
      if (value === '') return [];
      if (name !== 'from' && name !== 'to') return [[name, value.slice(0, 300)]];
      const at = new Date(`${value}Z`);
      return Number.isNaN(at.getTime()) ? [] : [[name, at.toISOString()]];
    }),
  );
}

export function AuditFilter() {
  const [filter, setFilter] = useAuditFilter();
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const valueOf = (name: Name): string | null => {
      const value = data.get(name);
      return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
    };
    void setFilter(Object.fromEntries(names.map((name) => [name, valueOf(name)])));
  };
  const any = names.some((name) => filter[name] !== '');
  return (
    <form
      role="search"
      aria-label="Audit record"
      onSubmit={submit}
      key={names.map((name) => filter[name]).join('\n')}
      className="space-y-2"
    >
      <div className="grid max-w-4xl grid-cols-1 gap-3 sm:grid-cols-2 lg:grid-cols-3">
        {names.map((name) => {
          const { label, ...rest } = fields[name];
          return (
            <TextField key={name} label={label} name={name} defaultValue={filter[name]} maxLength={300} spellCheck={false} {...rest} />
          );
        })}
      </div>
      <div className="flex gap-2">
        <Button type="submit" look="primary">
          <Search aria-hidden />
          Search
        </Button>
        {any && <Button onClick={() => void setFilter(null)}>Clear</Button>}
      </div>
    </form>
  );
}
