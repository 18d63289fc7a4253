//! Printed pages: strips, trends and alert summaries. An empty room until the first page is printed.
//!
//! **Invariant:** a page says whose data it shows, which span, which software, and that Wardlight is a supplementary
//! display; demo data carry their watermark on paper too.
