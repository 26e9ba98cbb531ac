// What host and `regrow/guest` share, where they are one copy of the package in one realm.
export const guestState = {
  /** Reloads that are evaluating now. */
  reloads: 0,
}
