//! The tests beside this file are the example; a real app has its own code here.
