//! An order of storage calls as a diagram: one column a request, time from top to bottom, the two that clash marked.

use super::paint::plain;
use super::table::cut;
use crate::explore::schedule_sweep::Clash;
use crate::sandbox::{Access, Outcome, Trace, Turn};
use crate::storage::Operation;
use std::collections::BTreeSet;

/// Before each of the two calls that clash.
const MARK: &str = " → ";
/// Between columns, where no mark stands.
const GAP: &str = "   ";
/// The narrowest column, with its gap.
const NARROWEST: usize = 16;
/// Turns that are shown: more are left out where nothing clashes.
const MOST_TURNS: usize = 60;
/// Turns that are shown before and after each of the two that clash, where not all are.
const AROUND: usize = 12;

/// The lines of the diagram, at most `width` columns wide.
pub(crate) fn diagram(trace: &Trace, clash: Option<Clash>, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let labels: BTreeSet<&str> = trace
        .turns()
        .iter()
        .filter(|turn| turn.access.operation != Operation::Open)
        .map(|turn| &*turn.access.label)
        .collect();
    let mut from = 0;
    for part in trace.turns().chunk_by(|a, b| a.step == b.step) {
        if trace.steps > 1 {
            let number = part[0].step + 1;
            lines.push(format!("sent at once, {number} of {}", trace.steps));
        }
        let within = |place: usize| (from..from + part.len()).contains(&place);
        let clash = clash
            .filter(|clash| within(clash.first) && within(clash.second))
            .map(|clash| [clash.first - from, clash.second - from]);
        let columns = Columns::of(part, clash, width, labels.len() > 1);
        columns.draw(part, clash, &mut lines);
        from += part.len();
    }
    lines
}

/// Which lanes are shown, and how.
struct Columns {
    lanes: Vec<u32>,
    left_out: Vec<u32>,
    /// Characters of the longest number of a turn.
    number: usize,
    widths: Vec<usize>,
    /// What each turn did.
    cells: Vec<String>,
}

impl Columns {
    fn of(part: &[Turn], clash: Option<[usize; 2]>, width: usize, labelled: bool) -> Self {
        let number = part.len().to_string().len();
        let all: BTreeSet<u32> = part.iter().map(Turn::lane).collect();
        let room = (width.saturating_sub(number) / NARROWEST).max(2);
        let lanes = chosen(part, clash, &all, room);
        let cells: Vec<String> = part.iter().map(|turn| cell(turn, labelled)).collect();
        let mut widths: Vec<usize> = lanes
            .iter()
            .map(|lane| {
                let own = part.iter().zip(&cells).filter(|(t, _)| t.lane() == *lane);
                let longest = own.map(|(_, cell)| cell.chars().count()).max();
                longest.unwrap_or(0).max(title(*lane).chars().count())
            })
            .collect();
        // The widest give way first, until all have room.
        let gaps = GAP.len() * widths.len();
        let room = width.saturating_sub(number + gaps);
        while widths.iter().sum::<usize>() > room
            && let Some(widest) = widths.iter_mut().max()
            && *widest > NARROWEST - GAP.len()
        {
            *widest -= 1;
        }
        Self {
            left_out: all.into_iter().filter(|l| !lanes.contains(l)).collect(),
            lanes,
            number,
            widths,
            cells,
        }
    }

    fn draw(&self, part: &[Turn], clash: Option<[usize; 2]>, lines: &mut Vec<String>) {
        let titles: Vec<String> = self.lanes.iter().map(|lane| title(*lane)).collect();
        lines.push(self.row("", |column| (GAP, titles[column].as_str())));
        let mut skipped = false;
        for (place, turn) in part.iter().enumerate() {
            let Some(own) = self.lanes.iter().position(|lane| *lane == turn.lane()) else {
                continue;
            };
            if !is_shown(part.len(), place, clash) {
                if !skipped {
                    lines.push(format!("{:>1$}", "…", self.number));
                }
                skipped = true;
                continue;
            }
            skipped = false;
            let clashes = clash.is_some_and(|clash| clash.contains(&place));
            let mark = if clashes { MARK } else { GAP };
            let number = (place + 1).to_string();
            lines.push(self.row(&number, |column| match column == own {
                true => (mark, self.cells[place].as_str()),
                false => (GAP, ""),
            }));
        }
        if clash.is_some() {
            lines.push(format!(
                "{:1$}{MARK}the two calls that clash",
                "", self.number
            ));
        }
        match self.left_out.as_slice() {
            [] => {}
            [one] => lines.push(format!("request {one} is not shown")),
            several => lines.push(format!("requests {} are not shown", numbers(several))),
        }
    }

    fn row<'a>(&self, number: &str, cell: impl Fn(usize) -> (&'static str, &'a str)) -> String {
        let mut row = format!("{number:>0$}", self.number);
        for (column, width) in self.widths.iter().enumerate() {
            let (mark, text) = cell(column);
            row.push_str(mark);
            row.push_str(&format!("{:width$}", cut(text, *width)));
        }
        row.trim_end().to_owned()
    }
}

fn title(lane: u32) -> String {
    format!("request {lane}")
}

/// What a turn did.
fn cell(turn: &Turn, labelled: bool) -> String {
    let access = &*turn.access;
    let mut cell = access.to_string();
    if labelled && access.operation != Operation::Open {
        cell.push_str(&format!(" of {}", access.label));
    }
    if access.waking {
        cell.push_str(", woken");
    }
    match &turn.outcome {
        None | Some(Outcome::Ok) => {}
        Some(outcome) => cell.push_str(&format!(": {outcome}")),
    }
    plain(&cell).into_owned()
}

/// The lanes that have a part in the clash, the two that clash first; as many as there is room for.
fn chosen(part: &[Turn], clash: Option<[usize; 2]>, all: &BTreeSet<u32>, room: usize) -> Vec<u32> {
    let two: Vec<&Access> = clash
        .into_iter()
        .flatten()
        .map(|place| &*part[place].access)
        .collect();
    let clashing = two.iter().map(|access| access.lane);
    let meeting = part
        .iter()
        .filter(|turn| two.iter().any(|access| access.meets(&turn.access)))
        .map(Turn::lane)
        .collect::<BTreeSet<_>>();
    let mut lanes = Vec::new();
    for lane in clashing.chain(meeting).chain(all.iter().copied()) {
        if lanes.len() < room && !lanes.contains(&lane) {
            lanes.push(lane);
        }
    }
    lanes.sort_unstable();
    lanes
}

/// Whether a turn is shown where there are many.
fn is_shown(turns: usize, place: usize, clash: Option<[usize; 2]>) -> bool {
    match clash {
        _ if turns <= MOST_TURNS => true,
        None => place < MOST_TURNS,
        Some(clash) => clash.iter().any(|at| place.abs_diff(*at) <= AROUND),
    }
}

/// `3, 5 to 10 and 12`.
fn numbers(numbers: &[u32]) -> String {
    let mut runs: Vec<String> = Vec::new();
    for run in numbers.chunk_by(|a, b| a + 1 == *b) {
        match run {
            [first, _, .., last] => runs.push(format!("{first} to {last}")),
            few => runs.extend(few.iter().map(u32::to_string)),
        }
    }
    match runs.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::schedule_sweep::clash;
    use crate::sandbox::Guide;
    use crate::sandbox::simulator::{Lane, call, counters, run};
    use crate::storage::Error;

    fn drawn(sendings: &[Vec<Lane>], guide: &str, expected: &[&str]) {
        let (trace, _) = run(sendings, guide.parse().unwrap());
        assert_eq!(trace.off_schedule(), None);
        compare(&trace, clash(&trace, false), expected);
    }

    fn compare(trace: &Trace, clash: Option<Clash>, expected: &[&str]) {
        let lines = diagram(trace, clash, 80);
        assert_eq!(lines, expected, "{}", lines.join("\n"));
        let fits = |line: &String| line.chars().count() <= 80;
        assert!(lines.iter().all(fits), "{lines:#?}");
    }

    #[test]
    fn two_counters() {
        drawn(
            &[counters(&["hits", "hits"])],
            "1x2 2x3 1",
            &[
                "    request 1      request 2",
                "1   open default",
                "2 → get hits",
                "3                  open default",
                "4                  get hits",
                "5                → set hits",
                "6   set hits",
                "  → the two calls that clash",
            ],
        );
    }

    #[test]
    fn how_a_call_ended_is_said_where_it_did_not_succeed() {
        let (mut trace, _) = run(&[counters(&["a", "a"])], Guide::default());
        trace.turns[0].outcome = Some(Outcome::Ok);
        trace.turns[2].outcome = Some(Outcome::Error(Error::other("disk full")));
        trace.turns[5].outcome = Some(Outcome::Trap);
        compare(
            &trace,
            None,
            &[
                "    request 1                 request 2",
                "1   open default",
                "2   get a",
                "3   set a: other: disk full",
                "4                             open default",
                "5                             get a",
                "6                             set a: trap",
            ],
        );
    }

    #[test]
    fn three_requests_with_long_keys_have_room_in_eighty_columns() {
        let key = "customers/0042/orders/2026-11-23/lines/1";
        drawn(
            &[counters(&[key, "b", key])],
            "1x2 3x3 1 2x3",
            &[
                "    request 1                       request 2      request 3",
                "1   open default",
                "2 → get customers/0042/orders/20…",
                "3                                                  open default",
                "4                                                  get customers/0042/orders/20…",
                "5                                                → set customers/0042/orders/20…",
                "6   set customers/0042/orders/20…",
                "7                                   open default",
                "8                                   get b",
                "9                                   set b",
                "  → the two calls that clash",
            ],
        );
    }

    #[test]
    fn of_ten_requests_those_are_shown_that_clash_and_those_that_touch_the_same() {
        let keys = ["a", "b", "hits", "c", "d", "e", "f", "g", "hits", "hits"];
        drawn(
            &[counters(&keys)],
            "1x3 2x3 9x2 3x3 9 10x3",
            &[
                "     request 1      request 3      request 9      request 10",
                " 1   open default",
                " 2   get a",
                " 3   set a",
                " 7                                 open default",
                " 8                               → get hits",
                " 9                  open default",
                "10                  get hits",
                "11                → set hits",
                "12                                 set hits",
                "13                                                open default",
                "14                                                get hits",
                "15                                                set hits",
                "   → the two calls that clash",
                "requests 2 and 4 to 8 are not shown",
            ],
        );
    }

    #[test]
    fn the_store_is_named_where_there_are_several_and_each_sending_has_a_diagram() {
        let other = vec![
            vec![call(1, Operation::Set, 1, "x")],
            vec![call(2, Operation::Get, 0, "x")],
        ];
        drawn(
            &[counters(&["x"]), other],
            "1x3 / 2 1",
            &[
                "sent at once, 1 of 2",
                "    request 1",
                "1   open default",
                "2   get x of default",
                "3   set x of default",
                "sent at once, 2 of 2",
                "    request 1        request 2",
                "1                    get x of default",
                "2   set x of cache",
            ],
        );
    }

    #[test]
    fn of_many_turns_those_around_the_clash_are_shown() {
        let reads = |lane| vec![call(lane, Operation::Get, 0, "a"); 50];
        let mut lanes = vec![reads(1), reads(2)];
        lanes[0][30] = call(1, Operation::Set, 0, "a");
        let (trace, _) = run(&[lanes], "1x29 2x20".parse().unwrap());
        let clash = Clash {
            first: 28,
            second: 60,
        };
        let lines = diagram(&trace, Some(clash), 80);
        assert_eq!(lines.len(), 1 + 3 + 25 + 25 + 1, "{lines:#?}");
        assert_eq!(lines[1], "  …");
        assert_eq!(lines[2], " 17   get a");
        assert_eq!(lines[14], " 29 → get a");
        assert_eq!(diagram(&trace, None, 80).len(), 1 + 60 + 1);
    }

    #[test]
    fn numbers_are_drawn_together() {
        assert_eq!(numbers(&[3]), "3");
        assert_eq!(numbers(&[3, 4]), "3 and 4");
        assert_eq!(numbers(&[1, 3, 5, 6, 7, 9]), "1, 3, 5 to 7 and 9");
    }
}
