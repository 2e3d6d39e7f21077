// Class lists put together: later ones win over earlier ones of the same property.
import { clsx, type ClassValue } from 'clsx';
import { twMerge } from 'tailwind-merge';

export const classes = (...values: ClassValue[]): string => twMerge(clsx(values));
