import classes from './brand.module.css';

/** The mark and the name. */
export function Brand() {
  return (
    <span className={classes['brand']}>
      <svg width="24" height="24" viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="#0f766e" />
        <path
          d="M16 6v20M16 19c0 4-3 6-7 7M16 19c0 4 3 6 7 7M16 11c-3 0-5-1.5-6-4M16 15c3 0 5-1.5 6-4"
          fill="none"
          stroke="#fff"
          strokeWidth="2.4"
          strokeLinecap="round"
        />
      </svg>
      Holdfast
    </span>
  );
}
