'use client';
// Narrows the list by one thing that queues are known by.
import { useId, type ComponentProps, type FormEvent } from 'react';
import { entityKinds, useChoices, type EntityKind } from '@/entities/entities.ts';
import { FindMore, Options } from '@/entities/entity-field.tsx';
import { Button } from '@/ui/button.tsx';
import { inputLook } from '@/ui/field.tsx';
import { filterDimensions, type FilterDimension } from './filter.ts';

type Filter = { dimension: FilterDimension; value: string };

export function QueueFilter({ filter, problem, onChange }: { filter: Filter; problem: string | null; onChange: (filter: Filter) => void }) {
  const id = useId();
  const kind = entityKinds.find((one) => one === filter.dimension);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const value = new FormData(event.currentTarget).get('value');
    onChange({ ...filter, value: typeof value === 'string' ? value.trim() : '' });
  };
  const field = { id: `${id}-value`, name: 'value', className: inputLook, 'aria-describedby': `${id}-note` };
  return (
    <form role="search" onSubmit={submit} className="space-y-1">
      <div className="flex max-w-2xl flex-wrap items-end gap-2">
        <div className="w-36 space-y-1">
          <label htmlFor={`${id}-by`} className="block text-sm font-medium">
            Filter by
          </label>
          <select
            id={`${id}-by`}
            value={filter.dimension}
            onChange={(event) => {
              const dimension = filterDimensions.find((one) => one === event.target.value);
              if (dimension) onChange({ dimension, value: '' });
            }}
            className={inputLook}
          >
            {filterDimensions.map((dimension) => (
              <option key={dimension}>{dimension}</option>
            ))}
          </select>
        </div>
        <div className="min-w-56 flex-1 space-y-1">
          <label htmlFor={`${id}-value`} className="block text-sm font-medium capitalize">
            {filter.dimension}
          </label>
          {kind ? (
            <ChosenValue
              key={kind}
              {...{ kind, field, value: problem === null ? filter.value : '' }}
              onChange={(value) => onChange({ ...filter, value })}
            />
          ) : (
            <input
              {...field}
              key={filter.value}
              defaultValue={filter.value}
              autoComplete="off"
              spellCheck={false}
              maxLength={300}
              aria-invalid={problem !== null}
            />
          )}
        </div>
        <Button type="submit" look="primary">
          Filter
        </Button>
        {filter.value !== '' && <Button onClick={() => onChange({ ...filter, value: '' })}>Clear</Button>}
      </div>
      <p id={`${id}-note`} role={problem ? 'alert' : undefined} className={problem ? 'text-xs text-bad-text' : 'text-xs text-muted'}>
        {problem ?? 'Empty shows the first queues of all.'}
      </p>
    </form>
  );
}

type ChosenProps = { kind: EntityKind; field: ComponentProps<'select'>; value: string; onChange: (value: string) => void };

function ChosenValue({ kind, field, value, onChange }: ChosenProps) {
  const { options, searchable, find } = useChoices(kind, value);
  return (
    <>
      <select {...field} value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">all</option>
        <Options options={options} />
      </select>
      {searchable && <FindMore label={`Find a ${kind}`} find={find} />}
    </>
  );
}
