/** Cookies of the sign-in library as they go to a browser: `Secure` where the browser came by HTTPS. */
export function sessionCookies(headers: Headers, isHttps: boolean): readonly string[] {
  const cookies = headers.getSetCookie();
  return isHttps ? cookies.map((cookie) => (/;\s*secure/i.test(cookie) ? cookie : `${cookie}; Secure`)) : cookies;
}
