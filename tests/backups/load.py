"""People at work on a server: readers and writers that note every answer they get."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import requests

READ = ("/api/bills/", "/api/categories/", "/", "/accounts/login/")


@dataclass
class Load:
    """Readers and writers from ``with`` to its end; each write is a category of a name of its own."""

    url: str
    token: str
    answers: Counter = field(default_factory=Counter)
    without_advice: int = 0
    # Names of acknowledged writes, with the moment at which they were asked for.
    written: dict[str, float] = field(default_factory=dict)
    is_over: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> "Load":
        works = [self.read, self.read, self.write, self.write]
        for number, work in enumerate(works):
            self.threads.append(threading.Thread(target=self.go_on, args=(work, number)))
            self.threads[-1].start()
        return self

    def __exit__(self, *error) -> None:
        self.is_over.set()
        for thread in self.threads:
            thread.join()

    def go_on(self, work, number: int) -> None:
        with requests.Session() as session:
            session.headers["Authorization"] = f"Bearer {self.token}"
            step = 0
            while not self.is_over.is_set():
                step += 1
                try:
                    self.note(work(session, number, step))
                except requests.RequestException as error:
                    self.answers[type(error).__name__] += 1

    def note(self, answer: requests.Response) -> None:
        self.answers[answer.status_code] += 1
        if answer.status_code == 503:
            self.without_advice += "Retry-After" not in answer.headers
            time.sleep(0.1)

    def read(self, session, number: int, step: int) -> requests.Response:
        return session.get(f"{self.url}{READ[step % len(READ)]}", timeout=30, allow_redirects=False)

    def write(self, session, number: int, step: int) -> requests.Response:
        name, asked_at = f"written {number}-{step}", time.time()
        answer = session.post(f"{self.url}/api/categories/", json={"name": name}, timeout=30)
        if answer.status_code == 201:
            self.written[name] = asked_at
        return answer
