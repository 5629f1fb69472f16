// What page and service worker keep for each other. Neither outlives the other for sure, so it lies in IndexedDB.

/** A few values by name. */
export interface Shelf {
  read(name: string): Promise<unknown>;
  /** Puts another value in the place of the one that is there, with nobody in between; `undefined` for none. */
  change<Result>(name: string, act: (before: unknown) => readonly [after: unknown, result: Result]): Promise<Result>;
}

const DATABASE = "offhook";
const STORE = "kept";

/** A browser that forbids storage rejects: then nothing is kept. */
export function browserShelf(): Shelf {
  let opened: Promise<IDBDatabase> | undefined;

  function open(): Promise<IDBDatabase> {
    opened ??= new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(DATABASE, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error("IndexedDB is not to be had"));
    }).then((database) => {
      // Another version wants to change it, or the browser has closed it: it is opened anew when it is needed.
      database.onversionchange = database.onclose = () => {
        database.close();
        opened = undefined;
      };
      return database;
    });
    opened.catch(() => (opened = undefined));
    return opened;
  }

  async function change<Result>(
    name: string,
    act: (before: unknown) => readonly [after: unknown, result: Result],
  ): Promise<Result> {
    const transaction = (await open()).transaction(STORE, "readwrite");
    const store = transaction.objectStore(STORE);
    return new Promise<Result>((resolve, reject) => {
      const fail = () => reject(transaction.error ?? new Error("IndexedDB has failed"));
      transaction.onabort = transaction.onerror = fail;
      const request = store.get(name);
      request.onsuccess = () => {
        const [after, result] = act(request.result as unknown);
        if (after === undefined) store.delete(name);
        else store.put(after, name);
        transaction.oncomplete = () => resolve(result);
      };
    });
  }

  return {
    change,
    read: async (name) => {
      const store = (await open()).transaction(STORE, "readonly").objectStore(STORE);
      return new Promise((resolve, reject) => {
        const request = store.get(name);
        request.onsuccess = () => resolve(request.result as unknown);
        request.onerror = () => reject(request.error ?? new Error("IndexedDB has failed"));
      });
    },
  };
}
