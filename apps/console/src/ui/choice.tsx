'use client';
// A small set of alternatives of which one holds.
import { ToggleGroup } from 'radix-ui';

type ChoiceProps<T extends string> = { label: string; value: T; options: readonly T[]; onChange: (value: T) => void };

export function Choice<T extends string>({ label, value, options, onChange }: ChoiceProps<T>) {
  const choose = (next: string): void => {
    const known = options.find((option) => option === next);
    if (known !== undefined) onChange(known);
  };
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={value}
      onValueChange={choose}
      className="flex rounded-md border border-border-strong"
    >
      {options.map((option) => (
        <ToggleGroup.Item
          key={option}
          value={option}
          className="h-7 px-2.5 text-xs text-text capitalize first:rounded-l-md last:rounded-r-md hover:bg-sunken data-[state=on]:bg-accent-soft data-[state=on]:font-medium data-[state=on]:text-accent-strong"
        >
          {option}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
