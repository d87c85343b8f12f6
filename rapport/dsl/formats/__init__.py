"""Problems as other programs read them: one format per module, each a pure function from problems to text."""
