import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { english } from './english.ts';

/** Makes the words ready. React writes them as text, so that nothing is escaped here. */
export async function startText(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: 'en',
    fallbackLng: 'en',
    resources: { en: { translation: english } },
    interpolation: { escapeValue: false },
  });
}
