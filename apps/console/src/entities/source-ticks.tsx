'use client';
// Which of very many sources: those that are ticked stay in sight, the first of the others and those that are searched for stand below.
import { useState, type ReactNode } from 'react';
import { useChoices, useNamed, type Entity } from './entities.ts';
import { FindMore } from './entity-field.tsx';

type SourceTicksProps = {
  /** Ticked when the form opens. */
  ids: readonly string[];
  /** Of the checkboxes, whose values are ids. */
  name: string;
  /** More about one source, beside its name. */
  beside?: (source: Entity) => ReactNode;
};

export function SourceTicks({ ids, name, beside }: SourceTicksProps) {
  const [ticked, setTicked] = useState(ids);
  const { options, searchable, find } = useChoices('source', '');
  const named = useNamed('source', ticked);
  const shown = [
    ...ticked.map((id) => named.get(id) ?? { id, name: id }).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    ...options.filter(({ id }) => !ticked.includes(id)),
  ];
  return (
    <>
      {searchable && <FindMore label="Find a source" find={find} />}
      <div
        tabIndex={0}
        role="group"
        aria-label="Sources"
        className="max-h-64 divide-y divide-border overflow-y-auto rounded-md border border-border"
      >
        {shown.map((source) => (
          <div key={source.id} className="flex items-center gap-3 px-3 py-1.5">
            <label className="flex min-w-0 flex-1 items-center gap-2 text-sm">
              <input
                type="checkbox"
                name={name}
                value={source.id}
                checked={ticked.includes(source.id)}
                onChange={({ target }) => setTicked((now) => (target.checked ? [...now, source.id] : now.filter((id) => id !== source.id)))}
                className="size-4 accent-accent"
              />
              <span className="truncate">{source.name}</span>
              <span className="truncate text-xs text-muted">{source.publicAddress}</span>
            </label>
            {beside?.(source)}
          </div>
        ))}
      </div>
    </>
  );
}
