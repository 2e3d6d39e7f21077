'use client';
// Lists that may be long: read in parts in their order, and searched by the server. What is searched is in the URL.
import { Search } from 'lucide-react';
import { parseAsString, useQueryState } from 'nuqs';
import type { FormEvent, ReactNode } from 'react';
import { Button } from './button.tsx';
import { TextField } from './field.tsx';
import { Loaded } from './loaded.tsx';
import { More } from './more.tsx';
import { usePages } from './pages-of.ts';
import { NothingMatches } from './states.tsx';

const partSize = 50;
/** A list of a page that has several: fewer than this are found by looking. */
const foundByLooking = 10;
const longestSearch = 200;

type Part = { limit: number; after?: string; search?: string };
type Options<T> = {
  key: readonly unknown[];
  fetchPart: (part: Part, signal: AbortSignal) => Promise<T[]>;
  /** What the list is ordered by: the next part begins after the last item's. */
  keyOf: (item: T) => string;
  pollMs: number | false;
  /** Of the search in the URL, where a page has several lists. */
  name?: string;
};

export function useListParts<T>({ key, fetchPart, keyOf, pollMs, name = 'search' }: Options<T>) {
  const [inUrl, setSearch] = useQueryState(name, parseAsString.withDefault(''));
  const search = inUrl.trim().slice(0, longestSearch);
  const query = usePages({
    key: [...key, 'parts', search],
    fetchPage: async (after, signal) => {
      const items = await fetchPart({ limit: partSize, ...(after !== undefined && { after }), ...(search !== '' && { search }) }, signal);
      const last = items.at(-1);
      return { items, nextCursor: items.length < partSize || last === undefined ? null : keyOf(last) };
    },
    pollMs,
  });
  return { query, search, setSearch, items: query.data?.pages.flatMap((page) => page.items) };
}

type ListParts<T> = ReturnType<typeof useListParts<T>>;

export function SearchBox({ parts, label }: { parts: Pick<ListParts<unknown>, 'search' | 'setSearch'>; label: string }) {
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const text = new FormData(event.currentTarget).get('search');
    void parts.setSearch(typeof text === 'string' && text.trim() !== '' ? text.trim() : null);
  };
  return (
    <form role="search" aria-label={label} onSubmit={submit} className="flex items-end gap-2">
      <div className="w-56">
        <TextField key={parts.search} label={label} name="search" type="search" maxLength={longestSearch} defaultValue={parts.search} />
      </div>
      <Button type="submit">
        <Search aria-hidden />
        Search
      </Button>
    </form>
  );
}

type ListProps<T> = {
  parts: ListParts<T>;
  /** Of the search box. */
  label: string;
  /** When there is nothing at all. */
  nothing: ReactNode;
  /** The page has several lists: a box for the search only where there is much to search. */
  oneOfSeveral?: boolean;
  children: (items: readonly T[]) => ReactNode;
};

/** The search box, the items that were read, and the way to the next ones. */
export function SearchedList<T>({ parts, label, nothing, oneOfSeveral = false, children }: ListProps<T>) {
  const { query, search, setSearch } = parts;
  return (
    <Loaded query={query}>
      {({ pages }) => {
        const items = pages.flatMap((page) => page.items);
        if (items.length === 0 && search === '') return nothing;
        return (
          <>
            {(!oneOfSeveral || search !== '' || items.length >= foundByLooking) && (
              <div className="border-b border-border p-4">
                <SearchBox parts={parts} label={label} />
              </div>
            )}
            {items.length > 0 ? (
              children(items)
            ) : (
              <NothingMatches title="Nothing matches" onClear={() => void setSearch(null)}>
                Nothing in this list has “{search}” in it.
              </NothingMatches>
            )}
            <More query={query} />
          </>
        );
      }}
    </Loaded>
  );
}
