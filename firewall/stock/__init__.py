"""The stock rulegroups: functions whose parameters are the choices, and values rulegroups."""
