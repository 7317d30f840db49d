//! Whether the pages that the catalogue names as its sources are still there.
//!
//! `curl` asks, as a process of its own: it brings TLS, proxies and the system's certificates, which
//! this tool would have to be linked with otherwise, and the tests of the project need it anyway.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
    sync::Mutex,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

/// How many pages are asked for at once, unless it is said.
const AT_ONCE: usize = 8;
/// How often a page is asked for that answers `429`.
const TRIES: usize = 3;
/// How many redirects are followed.
const REDIRECTS: &str = "5";
/// The longest that a `Retry-After` is obeyed, in seconds, and what is waited for without one.
const LONGEST_WAIT: u64 = 60;
const USUAL_WAIT: u64 = 2;

pub(super) fn run(data: &Path, options: &[&str]) -> Result<(), String> {
    let at_once = match options {
        [] => AT_ONCE,
        ["--at-once", number] => match number.parse() {
            Ok(number @ 1..=64) => number,
            _ => return Err(format!("`{number}` is not a number from 1 to 64")),
        },
        _ => return Err("catalog check takes `--at-once N`".to_owned()),
    };
    let text = super::read(&data.join("sources.tsv"))?;
    let pages: BTreeSet<&str> =
        text.lines().filter_map(|line| Some(line.split_once('\t')?.1)).collect();
    let pages: Vec<&str> = pages.into_iter().collect();
    let answers = ask(&pages, at_once);
    println!("{}", report(&answers));
    let gone = answers.iter().filter(|(_, answer)| answer.is_gone()).count();
    if gone > 0 { Err(format!("{gone} of {} pages are gone", pages.len())) } else { Ok(()) }
}

/// What a page answered.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Answer {
    /// It is there, perhaps elsewhere.
    There { moved_to: Option<String> },
    /// Whoever answers lets nobody look who is not a browser.
    Closed(u16),
    /// It was too busy to the end.
    Busy,
    /// It is not there.
    Gone(String),
}

impl Answer {
    fn is_gone(&self) -> bool {
        matches!(self, Self::Gone(_))
    }
}

/// Asks for every page, some at once; the answers in the order of the pages.
fn ask<'a>(pages: &[&'a str], at_once: usize) -> Vec<(&'a str, Answer)> {
    let next = AtomicUsize::new(0);
    let answers = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..at_once.min(pages.len()) {
            scope.spawn(|| {
                while let Some(page) = pages.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let answer = ask_one(page);
                    answers.lock().expect("nobody panics with it").insert(*page, answer);
                }
            });
        }
    });
    answers.into_inner().expect("nobody panics with it").into_iter().collect()
}

fn ask_one(page: &str) -> Answer {
    for tried in 1..=TRIES {
        let head = match head(page) {
            Ok(head) => head,
            Err(error) => return Answer::Gone(error),
        };
        match head.status {
            200..=299 => {
                let moved_to = Some(head.address).filter(|address| address != page);
                return Answer::There { moved_to };
            }
            429 if tried < TRIES => wait(head.retry_after.unwrap_or(USUAL_WAIT)),
            429 => break,
            // Some answer nobody's HEAD, and some no machine at all.
            401 | 403 | 405 | 501 => return Answer::Closed(head.status),
            status => return Answer::Gone(format!("status {status}")),
        }
    }
    Answer::Busy
}

/// Waits for as long as somebody asked for, within reason.
#[expect(clippy::disallowed_methods, reason = "a thread of a command-line tool has a time to wait")]
fn wait(seconds: u64) {
    thread::sleep(Duration::from_secs(seconds.min(LONGEST_WAIT)));
}

/// How the last of a page's answers begins.
#[derive(Debug, Default)]
struct Head {
    status: u16,
    /// Where it came from.
    address: String,
    /// In seconds. A moment that is named instead of them is not read.
    retry_after: Option<u64>,
}

fn head(page: &str) -> Result<Head, String> {
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--head", "--location", "--max-redirs", REDIRECTS])
        .args(["--proto", "=http,https", "--connect-timeout", "10", "--max-time", "30"])
        .args(["--user-agent", "Mozilla/5.0 (compatible; catalogue check)"])
        .args(["--write-out", "%{http_code} %{url_effective}\n", "--dump-header", "-"])
        .args(["--output", "/dev/null", "--", page])
        .output()
        .map_err(|error| format!("curl: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(said.trim().to_owned());
    }
    Ok(parse(&String::from_utf8_lossy(&output.stdout)))
}

/// Reads the heads of all answers and, in the last line, what the last of them was.
fn parse(text: &str) -> Head {
    let mut head = Head::default();
    for line in text.lines() {
        if line.starts_with("HTTP/") {
            head.retry_after = None;
        } else if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("retry-after")
        {
            head.retry_after = value.trim().parse().ok();
        }
    }
    let (status, address) = text.lines().last().and_then(|l| l.split_once(' ')).unwrap_or_default();
    Head { status: status.parse().unwrap_or_default(), address: address.to_owned(), ..head }
}

/// What was found, host by host.
fn report(answers: &[(&str, Answer)]) -> String {
    let mut hosts: BTreeMap<&str, Vec<&(&str, Answer)>> = BTreeMap::new();
    for answer in answers {
        let host = answer.0.split('/').nth(2).unwrap_or(answer.0);
        hosts.entry(host).or_default().push(answer);
    }
    let mut lines = Vec::new();
    for (host, answers) in hosts {
        let there = answers.iter().filter(|(_, a)| matches!(a, Answer::There { .. })).count();
        lines.push(format!("{host}: {there} of {} there", answers.len()));
        lines.extend(answers.iter().filter_map(|(page, answer)| {
            let what = match answer {
                Answer::There { moved_to: None } => return None,
                Answer::There { moved_to: Some(address) } => format!("is now {address}"),
                Answer::Closed(status) => format!("answers machines with {status}"),
                Answer::Busy => "was too busy".to_owned(),
                Answer::Gone(why) => format!("GONE: {why}"),
            };
            Some(format!("  {page} {what}"))
        }));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader, Write},
        net::TcpListener,
        sync::Arc,
    };

    use super::*;

    /// A server that answers by path, and notes what it was asked and by how many at once.
    struct Server {
        address: String,
        asked: Arc<Mutex<Vec<String>>>,
    }

    impl Server {
        fn start() -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = format!("http://{}", listener.local_addr().unwrap());
            let asked = Arc::new(Mutex::new(Vec::new()));
            let notes = Arc::clone(&asked);
            thread::spawn(move || {
                for stream in listener.incoming() {
                    let mut stream = stream.unwrap();
                    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                    let Some(Ok(line)) = lines.next() else { continue };
                    while lines.next().is_some_and(|line| line.is_ok_and(|l| !l.is_empty())) {}
                    let line = line.trim_end_matches(" HTTP/1.1").to_owned();
                    let mut asked = notes.lock().unwrap();
                    asked.push(line.clone());
                    let times = asked.iter().filter(|before| **before == line).count();
                    stream.write_all(answer(&line, times).as_bytes()).unwrap();
                }
            });
            Self { address, asked }
        }

        fn ask(&self, path: &str) -> Answer {
            ask_one(&format!("{}{path}", self.address))
        }

        fn times(&self, line: &str) -> usize {
            self.asked.lock().unwrap().iter().filter(|asked| *asked == line).count()
        }
    }

    fn answer(line: &str, times: usize) -> String {
        let (status, more) = match line.trim_start_matches("HEAD ") {
            "/there" => ("200 OK", ""),
            "/moved" => ("301 Moved Permanently", "location: /there\r\n"),
            "/around" => ("302 Found", "location: /around\r\n"),
            "/to-nothing" => ("302 Found", "location: /gone\r\n"),
            "/busy-once" if times == 1 => ("429 Too Many Requests", "retry-after: 0\r\n"),
            "/busy-once" => ("200 OK", ""),
            "/busy" => ("429 Too Many Requests", "retry-after: 0\r\n"),
            "/closed" => ("403 Forbidden", ""),
            "/broken" => ("500 Internal Server Error", ""),
            _ => ("404 Not Found", ""),
        };
        format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n{more}\r\n")
    }

    #[test]
    fn a_page_is_there_wherever_it_moved() {
        let server = Server::start();
        assert_eq!(server.ask("/there"), Answer::There { moved_to: None });
        let there = format!("{}/there", server.address);
        assert_eq!(server.ask("/moved"), Answer::There { moved_to: Some(there) });
        assert_eq!(server.times("HEAD /there"), 2);
    }

    #[test]
    fn a_page_that_is_not_there_is_gone_and_says_why() {
        let server = Server::start();
        assert_eq!(server.ask("/gone"), Answer::Gone("status 404".into()));
        assert_eq!(server.ask("/to-nothing"), Answer::Gone("status 404".into()));
        assert_eq!(server.ask("/broken"), Answer::Gone("status 500".into()));
        assert!(server.ask("/around").is_gone(), "redirects have an end");
        assert_eq!(server.times("HEAD /around"), 6);
        // A port that nobody listens at.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        assert!(ask_one(&format!("http://127.0.0.1:{port}/")).is_gone());
    }

    #[test]
    fn whoever_is_busy_is_asked_again_and_is_not_gone() {
        let server = Server::start();
        assert_eq!(server.ask("/busy-once"), Answer::There { moved_to: None });
        assert_eq!(server.times("HEAD /busy-once"), 2);
        assert_eq!(server.ask("/busy"), Answer::Busy);
        assert_eq!(server.times("HEAD /busy"), TRIES);
        assert_eq!(server.ask("/closed"), Answer::Closed(403));
    }

    #[test]
    fn every_page_is_asked_for_once_and_the_report_goes_by_host() {
        let server = Server::start();
        let pages =
            ["/there", "/moved", "/gone", "/closed"].map(|p| format!("{}{p}", server.address));
        let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
        let answers = ask(&pages, 3);
        assert_eq!(answers.len(), 4);
        assert_eq!(server.times("HEAD /gone"), 1);
        let host = server.address.trim_start_matches("http://");
        let report = report(&answers);
        assert!(report.starts_with(&format!("{host}: 2 of 4 there\n")), "{report}");
        assert!(report.contains("/gone GONE: status 404"), "{report}");
        assert!(report.contains("/closed answers machines with 403"), "{report}");
    }

    #[test]
    fn the_last_answer_says_when_to_come_again() {
        let text = "HTTP/1.1 301 x\r\nRetry-After: 9\r\n\r\nHTTP/2 429\r\nretry-after: 7\r\n\r\n429 http://a.b/c";
        let head = parse(text);
        assert_eq!((head.status, head.retry_after), (429, Some(7)));
        assert_eq!(head.address, "http://a.b/c");
    }
}
