import { Link } from '@tanstack/react-router';
import type { LucideIcon } from 'lucide-react';
import classes from './side-bar.module.css';

export interface NavigationLinkProps {
  readonly to: '/' | '/backups' | '/storage-servers' | '/connections' | '/reports' | '/admin';
  readonly icon: LucideIcon;
  readonly label: string;
  readonly exact?: boolean;
}

/** One line of the side bar. */
export function NavigationLink({ to, icon: Icon, label, exact = false }: NavigationLinkProps) {
  return (
    <Link to={to} className={classes['link']} activeOptions={{ exact, includeSearch: false }}>
      <Icon size={17} strokeWidth={1.9} aria-hidden="true" />
      {label}
    </Link>
  );
}
