/** How a thing feels: all states of all things come down to these five colours. */
export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'idle';
