module.exports = { projectRoot: __dirname, reporter: { update() {} } };
